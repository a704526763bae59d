"""Questionnaires as data, and data of other makes that is brought to their terms."""
