"""Listens, wires, runs and renders: the only layer that knows every part."""
