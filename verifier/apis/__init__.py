"""Proves what a package advertises."""
