//! Files of the Python package.

use super::*;

#[test]
fn every_primitive_of_the_python_package_is_read() {
    assert_eq!(Graph::read(recorded("primitives")).unwrap(), primitives());
}

#[test]
fn nested_graphs_are_read() {
    assert_eq!(Graph::read(recorded("nested")).unwrap(), nested());
}

#[test]
fn a_file_of_the_first_version_resets_to_zero() {
    let three = &[3][..];
    let neurons = Primitive::Lif {
        tau: ramp(0.0, three),
        r: ramp(1.0, three),
        v_leak: ramp(2.0, three),
        v_threshold: ramp(3.0, three),
        v_reset: Parameter::F32(ArrayD::zeros(three)),
    };
    let nodes = [("input", input(three)), ("0", neurons), ("output", output(three))];
    assert_eq!(Graph::read(recorded("old")).unwrap(), graph(nodes, &[("input", "0"), ("0", "output")]));
}
