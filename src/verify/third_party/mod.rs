//! Templates from elsewhere: JSON or YAML, from whatever tool, judged as far as they can be read.

mod branches;
mod place;
mod text;
