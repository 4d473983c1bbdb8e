"""Comparing studies: from directories to arms, tables and figures."""
