"""Report files, made of a released table and of nothing else; the libraries are only loaded when a report is made."""
