//! Fetches, verifies, converts and quantises models.
