//! Latency, throughput and energy of models.
