//! Recordings of numbers: tables, images, time series and neural activity.
