"""Understands what people answer: numbers, options, days, yes and no, as they are typed in English and Spanish."""
