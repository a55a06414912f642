//! Arrays, tuples and maps of states are states.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, Resampling, ResamplingForm};

#[diagnostic::do_not_recommend]
impl<A: Accumulator, const N: usize> Accumulator for [A; N]
where
    [A; N]: Default + Serialize + DeserializeOwned,
    [A::Output; N]: Serialize,
{
    fn merge(&mut self, other: Self) {
        for (own, other) in self.iter_mut().zip(other) {
            own.merge(other);
        }
    }

    fn place(&mut self, batch: u64) {
        for part in self {
            part.place(batch);
        }
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_form(A::resampling().form().repeated(N))
    }
}

#[diagnostic::do_not_recommend]
impl<A: Finish, const N: usize> Finish for [A; N]
where
    [A::Output; N]: Serialize,
{
    type Output = [A::Output; N];

    fn finish(&self) -> Result<Self::Output, MetricError> {
        let values: Vec<A::Output> = self.iter().map(Finish::finish).collect::<Result<_, _>>()?;
        values.try_into().map_err(|_| MetricError::from("the length of an array changed"))
    }
}

macro_rules! tuple_states {
    ($($name:ident $at:tt),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: Accumulator),*> Accumulator for ($($name,)*) {
            fn merge(&mut self, other: Self) {
                $(self.$at.merge(other.$at);)*
            }

            fn place(&mut self, batch: u64) {
                $(self.$at.place(batch);)*
            }

            fn resampling() -> Resampling<Self> {
                let form = ResamplingForm::States { bytes_per_neuron: 0 };
                Resampling::<Self>::states().with_form(form$(.and($name::resampling().form()))*)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($name: Finish),*> Finish for ($($name,)*) {
            type Output = ($($name::Output,)*);

            fn finish(&self) -> Result<Self::Output, MetricError> {
                Ok(($(self.$at.finish()?,)*))
            }
        }
    };
}
tuple_states!(A 0, B 1);
tuple_states!(A 0, B 1, C 2);

#[diagnostic::do_not_recommend]
impl<A: Accumulator> Accumulator for BTreeMap<String, A> {
    fn merge(&mut self, other: Self) {
        for (name, state) in other {
            self.entry(name).or_default().merge(state);
        }
    }

    fn place(&mut self, batch: u64) {
        for part in self.values_mut() {
            part.place(batch);
        }
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_form(A::resampling().form().repeated(1))
    }
}

#[diagnostic::do_not_recommend]
impl<A: Finish> Finish for BTreeMap<String, A> {
    type Output = BTreeMap<String, A::Output>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        self.iter().map(|(name, state)| Ok((name.clone(), state.finish()?))).collect()
    }
}
