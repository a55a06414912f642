//! Writing of graphs.

use hdf5_writer::{
    AttributeBuilder, ByteOrder, DatasetBuilder, Datatype, EnumMember, Error, FILTER_DEFLATE, FilterDescription,
    H5WriteElement, Hdf5Builder, WriteOptions,
};
use ndarray::ArrayD;

use super::metadata::{Metadata, Value};
use super::node::Field;
use super::{Graph, NirError, Parameter, Primitive};

/// Version of the Python package with this layout.
const VERSION: &str = "1.0.8";
/// Compression level that the Python package uses.
const DEFLATE_LEVEL: u32 = 4;
/// Approximate maximum number of bytes of a chunk. Arrays are divided along their first axis.
const PIECE: usize = 1 << 20;

/// Encodes a graph as the contents of a file.
pub(super) fn bytes(graph: &Graph) -> Result<Vec<u8>, NirError> {
    let mut sink = Sink(Hdf5Builder::new());
    let written = sink.texts("version".to_owned(), &[], &[VERSION]).and_then(|()| {
        sink.graph("node", graph)?;
        sink.metadata("node", &graph.metadata)?;
        sink.0.into_plan()?.encode(WriteOptions { byte_order: ByteOrder::LittleEndian, ..WriteOptions::default() })
    });
    written.map_err(|error| NirError::Encode { problem: error.to_string() })
}

/// Builder of a file, data set by data set. Groups are created for the data sets within them.
struct Sink(Hdf5Builder);

impl Sink {
    fn graph(&mut self, path: &str, graph: &Graph) -> Result<(), Error> {
        self.texts(format!("{path}/type"), &[], &["NIRGraph"])?;
        let ends: Vec<&str> = graph.edges.iter().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();
        self.texts(format!("{path}/edges"), &[graph.edges.len(), 2], &ends)?;
        if graph.nodes.is_empty() {
            self.empty_group(format!("{path}/nodes"))?;
        }
        for (name, node) in &graph.nodes {
            let path = format!("{path}/nodes/{name}");
            if let Primitive::Graph(inner) = &node.primitive {
                self.graph(&path, inner)?;
            } else {
                self.texts(format!("{path}/type"), &[], &[node.primitive.type_name()])?;
            }
            for (name, field) in node.primitive.fields() {
                self.field(format!("{path}/{name}"), &field)?;
            }
            self.metadata(&path, &node.metadata)?;
        }
        Ok(())
    }

    fn field(&mut self, path: String, field: &Field<'_>) -> Result<(), Error> {
        match field {
            Field::Numbers(parameter) => self.parameter(path, parameter),
            Field::Integer(value) => self.array(path, &[], &[integer(*value)?]),
            Field::Integers(values) => {
                let values = values.iter().map(|value| integer(*value)).collect::<Result<Vec<i64>, _>>()?;
                self.array(path, &[values.len()], &values)
            }
            Field::Text(text) => self.texts(path, &[], &[text]),
        }
    }

    fn metadata(&mut self, path: &str, metadata: &Metadata) -> Result<(), Error> {
        if metadata.is_empty() { Ok(()) } else { self.map(&format!("{path}/metadata"), metadata) }
    }

    fn map(&mut self, path: &str, metadata: &Metadata) -> Result<(), Error> {
        if metadata.is_empty() {
            self.empty_group(path.to_owned())?;
        }
        for (key, value) in metadata {
            let path = format!("{path}/{key}");
            match value {
                Value::Boolean(value) => self.boolean(path, *value),
                Value::Integer(value) => self.array(path, &[], &[*value])?,
                Value::Float(value) => self.array(path, &[], &[*value])?,
                Value::Text(text) => self.texts(path, &[], &[text.as_str()])?,
                Value::Texts(texts) => {
                    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                    self.texts(path, &[texts.len()], &texts)?;
                }
                Value::Integers(values) => self.values(path, values)?,
                Value::Numbers(parameter) => self.parameter(path, parameter)?,
                Value::Map(inner) => self.map(&path, inner)?,
            }
        }
        Ok(())
    }

    fn parameter(&mut self, path: String, parameter: &Parameter) -> Result<(), Error> {
        match parameter {
            Parameter::F32(values) => self.values(path, values),
            Parameter::F64(values) => self.values(path, values),
        }
    }

    fn values<T: H5WriteElement>(&mut self, path: String, values: &ArrayD<T>) -> Result<(), Error> {
        self.array(path, values.shape(), &values.iter().copied().collect::<Vec<T>>())
    }

    fn array<T: H5WriteElement>(&mut self, path: String, shape: &[usize], values: &[T]) -> Result<(), Error> {
        // Little-endian on every machine, so that the same graph results in the same bytes.
        let dataset =
            DatasetBuilder::typed_with_order::<T>(path, lengths(shape), ByteOrder::LittleEndian).data(values)?;
        // HDF5 does not compress single numbers or empty arrays.
        self.add(match shape {
            [rows, row @ ..] if !values.is_empty() => {
                let row_bytes = row.iter().product::<usize>() * size_of::<T>();
                let piece = [&[(PIECE / row_bytes).clamp(1, *rows)], row].concat();
                dataset.chunked(lengths(&piece)).filter(FilterDescription {
                    id: FILTER_DEFLATE,
                    name: None,
                    client_data: vec![DEFLATE_LEVEL],
                })
            }
            _ => dataset,
        });
        Ok(())
    }

    fn texts(&mut self, path: String, shape: &[usize], texts: &[&str]) -> Result<(), Error> {
        self.add(DatasetBuilder::vlen_string_data(path, lengths(shape), texts)?);
        Ok(())
    }

    /// Writes a truth value in the same way as h5py.
    fn boolean(&mut self, path: String, value: bool) {
        let base = Box::new(Datatype::FixedPoint { size: 1, signed: true, byte_order: ByteOrder::LittleEndian });
        let member = |name: &str, value| EnumMember { name: name.to_owned(), value: vec![value] };
        let datatype = Datatype::Enum { base, members: vec![member("FALSE", 0), member("TRUE", 1)] };
        self.add(DatasetBuilder::new(path, datatype, vec![]).raw_data(vec![u8::from(value)]));
    }

    /// Adds an empty group. The writer does not create groups without contents, so that it gets an unused attribute.
    fn empty_group(&mut self, path: String) -> Result<(), Error> {
        let attribute = AttributeBuilder::scalar("empty", 1_u8)?;
        self.0 = std::mem::take(&mut self.0).group_attribute(path, attribute);
        Ok(())
    }

    fn add(&mut self, dataset: DatasetBuilder) {
        self.0 = std::mem::take(&mut self.0).dataset(dataset);
    }
}

fn lengths(shape: &[usize]) -> Vec<u64> {
    shape.iter().map(|length| *length as u64).collect()
}

/// Converts an integer that has been checked to fit.
fn integer(value: i128) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::InvalidDefinition(format!("{value} is too large")))
}
