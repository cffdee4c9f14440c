/** Takes down exactly what the state folder records as made, also after its owner was killed; may be repeated. */
export async function cleanUp(_stateFolder: string): Promise<void> {
  throw new Error("not built yet");
}
