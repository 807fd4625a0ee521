/** A WebAssembly file is imported as a compiled module: workerd compiles none while it runs. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
