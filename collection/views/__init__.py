"""Thin doors: who may enter, which object, which form, which page."""
