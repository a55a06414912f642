//! stub
use proc_macro::TokenStream;
use quote::quote;
#[proc_macro_attribute]
pub fn static_metric(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
#[proc_macro_attribute]
pub fn workload_metric(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
#[proc_macro_attribute]
pub fn accumulated_metric(_: TokenStream, i: TokenStream) -> TokenStream {
    i
}
#[proc_macro]
pub fn variant(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
#[proc_macro_derive(Accumulator, attributes(merge))]
pub fn acc(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
#[proc_macro_derive(MetricValue, attributes(value))]
pub fn mv(i: TokenStream) -> TokenStream {
    let d: syn::DeriveInput = syn::parse(i).unwrap();
    let n = d.ident;
    quote!(impl ::neurobench::MetricValue for #n { fn shape() -> ::neurobench::metric::Shape { ::neurobench::metric::Shape::Record(::std::vec![]) } }).into()
}
