"""Figures of Instagram accounts and media at an instant."""
