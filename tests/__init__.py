"""Tests of the site: unit/ (one folder per app), integration/ (several parts together), browser/ (Chromium)."""
