/** Something is being fetched. Shown late, so that what comes at once does not flicker. */
export function Waiting({ what }: { what: string }) {
  return (
    <p role="status" className="animate-[appear_160ms_ease-out_300ms_both] py-8 text-soft">
      {what}
    </p>
  );
}
