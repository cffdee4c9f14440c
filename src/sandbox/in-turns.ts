/** A queue: what is given to it runs one after another, whether what was before has succeeded or not. */
export function inTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  };
}
