/** What Node can and workerd can not: compile WebAssembly while it runs. */
declare namespace WebAssembly {
  function compile(bytes: ArrayBufferView): Promise<Module>;
}
