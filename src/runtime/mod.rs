//! Wires it all.
