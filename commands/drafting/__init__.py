"""Guesses what a badging system's export is, for the draft of a profile. Nothing else in Gatepost guesses."""
