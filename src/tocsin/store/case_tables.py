"""Cases: as they are now, what was done in them, and their queues."""
