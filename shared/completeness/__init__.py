"""Did a day's badge data arrive, and is it complete? What the words mean, for report, command-line tool and workbook. Pure."""
