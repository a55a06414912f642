//! Operations of NIR's neurons, against their formulas by hand.

use ndarray::{Array1, Array3};
use neurobench::data::InMemory;
use neurobench::metrics::{NeuronOperationCounts, NeuronOperations};
use neurobench::model::Model;
use neurobench::network::{
    Dynamics, Integration, IntegratorConfig, Network, NetworkBuilder, Simulator, Spikes, StepReset, StepRule,
    StepTiming,
};

use neurobench::testing::assert_merges;

use super::{batches, many_rates, model_value};

fn rule(reset: StepReset) -> StepRule {
    StepRule {
        integration: Integration::Euler,
        reset,
        reset_at: StepTiming::SameStep,
        spikes: Spikes::Above,
        several: false,
        floor: false,
        current: neurobench::network::Current::New,
        output: StepTiming::SameStep,
    }
}

fn leaky() -> IntegratorConfig {
    IntegratorConfig::new().r(1.0).tau(0.01)
}

fn current_based() -> IntegratorConfig {
    IntegratorConfig::new().r(1.0).tau_mem(0.01).tau_syn(0.02)
}

fn builder() -> NetworkBuilder {
    Network::builder([3]).time_steps(true)
}

fn operations(network: NetworkBuilder) -> u64 {
    network.build().unwrap().layers()[0].operations_per_update().unwrap()
}

const DT: f64 = 1e-3;

#[test]
fn an_update_takes_the_operations_of_its_formula() {
    let without = rule(StepReset::None);
    // v + dt·r·x
    assert_eq!(operations(builder().integrator("0", DT, without, IntegratorConfig::new().r(1.0))), 2);
    // (keep·v + gain·x) + rest
    assert_eq!(operations(builder().leaky_integrator("0", DT, without, leaky())), 4);
    // Plus keep·i + gain·x before it.
    assert_eq!(operations(builder().current_based_leaky_integrator("0", DT, without, current_based())), 7);
    for (reset, more) in
        [(StepReset::None, 0), (StepReset::Subtract, 2), (StepReset::ToZero, 2), (StepReset::ToReset, 3)]
    {
        let fires = |config: IntegratorConfig| config.v_threshold(1.0);
        let integrate = fires(IntegratorConfig::new().r(1.0));
        assert_eq!(operations(builder().integrate_and_fire("0", DT, rule(reset), integrate)), 2 + more);
        assert_eq!(operations(builder().leaky_integrate_and_fire("0", DT, rule(reset), fires(leaky()))), 4 + more);
        let current = builder().current_based_leaky_integrate_and_fire("0", DT, rule(reset), fires(current_based()));
        assert_eq!(operations(current), 7 + more);
    }
}

#[test]
fn several_spikes_are_numbered_by_a_division() {
    for (spikes, more) in [(Spikes::AtOrAbove, 1), (Spikes::Above, 2)] {
        let several = StepRule { several: true, spikes, ..rule(StepReset::Subtract) };
        let neurons = builder().leaky_integrate_and_fire("0", DT, several, leaky().v_threshold(1.0));
        assert_eq!(operations(neurons), 6 + more);
    }
}

#[test]
fn every_simulators_network_has_its_operations() {
    for (simulator, per_update) in [
        (Simulator::Norse, 7),
        (Simulator::SnnTorch, 6),
        (Simulator::SpiNNaker2, 6),
        (Simulator::Lava, 6),
        (Simulator::Nengo, 6),
        (Simulator::Sinabs, 7),
        (Simulator::Rockpool, 6),
        (Simulator::Spyx, 6),
    ] {
        let neurons = || leaky().v_threshold(1.0);
        let network = builder().leaky_integrate_and_fire("lif", DT, Dynamics::Simulator(simulator), neurons());
        let data = InMemory::new(Array3::<f32>::from_elem((4, 9, 3), 3.0), Array1::<i64>::zeros(4)).unwrap();
        let found = model_value(network.build().unwrap(), data, NeuronOperations::default()).unwrap();
        assert_eq!(found.dense, (9 * 3 * per_update) as f64, "{simulator:?}");
        assert!(found.effective > 0.0 && found.effective <= found.dense);
    }
}

#[test]
fn the_state_merges() {
    let network = builder().leaky_integrate_and_fire("lif", DT, Simulator::Norse, leaky().v_threshold(1.0));
    assert_merges(&NeuronOperationCounts::default(), network.build().unwrap(), &batches(&many_rates(9, 8, 3)));
}

#[test]
fn a_threshold_has_no_membrane() {
    let network = builder().threshold("0", 0.5).build().unwrap();
    let data = InMemory::new(Array3::<f32>::ones((4, 9, 3)), Array1::<i64>::zeros(4)).unwrap();
    let error = model_value(network, data, NeuronOperations::default()).unwrap_err();
    assert!(error.contains("the model has no spiking layers"), "{error}");
}
