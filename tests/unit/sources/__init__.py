"""Sources: profiles, people files, and how exports are mapped."""
