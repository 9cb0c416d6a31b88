"""The draft of a profile: how it is guessed."""
