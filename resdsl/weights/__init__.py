"""Weights from elsewhere: which tensor of a file is which of a design, and if none, why.

Keys and shapes decide, so nothing here needs torch: a file says both in its header.
"""
