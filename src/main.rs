//! `floatrate`: parse arguments, hand over.

fn main() {}
