"""From a badging system's own export to the connector's records: profiles, people files, tables and events. Pure."""
