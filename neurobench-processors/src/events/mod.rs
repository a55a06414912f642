//! Events of event cameras: filters and cropping of [event tensors](neurobench_core::data::events), and frames of counts.
