"""shared/exports, module by module, and the promises they keep together."""
