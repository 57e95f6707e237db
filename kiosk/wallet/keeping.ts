/** Work with a store of the phone. What fails is shown, and said to whoever asked. */
export const keepBy =
  (show: (trouble: string | null) => void) =>
  async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      show(null);
      return true;
    } catch (reason) {
      show(String(reason));
      return false;
    }
  };
