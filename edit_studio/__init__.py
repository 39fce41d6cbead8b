"""The app around the library: settings, jobs, and the page people see."""
