"""Keys of cases, wrapped for those who may open them; members' public keys."""
