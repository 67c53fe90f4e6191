import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ExperimentDialog, type Question } from "../../src/components/ExperimentDialog";
import { armLooks } from "../../src/lib/arms";
import { STEERED } from "../fixtures/elements";

/** What answers in the appliance's place, and what it was asked. */
const appliance = vi.hoisted(() => {
  const stub = {
    answer: [200, {}] as [status: number, body: object],
    asked: [] as { what: string; body: unknown }[],
  };
  globalThis.fetch = async (input) => {
    const request = input as Request;
    stub.asked.push({
      what: `${request.method} ${new URL(request.url).pathname}${new URL(request.url).search}`,
      body: await request.json(),
    });
    const [status, body] = stub.answer;
    return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  };
  return stub;
});

beforeEach(() => {
  // jsdom has no modal dialogs: an open one stands for them.
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  appliance.answer = [200, {}];
  appliance.asked.length = 0;
});
afterEach(cleanup);

function ask(question: Question) {
  const closed = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ExperimentDialog
        question={question}
        experiment={STEERED}
        looks={armLooks(STEERED.arms)}
        onClose={closed}
      />
    </QueryClientProvider>,
  );
  return closed;
}

const PLACE = `/api/v1/experiments/${STEERED.key}`;
const OF = `?project=${STEERED.project}`;
const write = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
/** As Enter does in any line of the form. */
const submit = () => fireEvent.submit(document.querySelector("form") as HTMLFormElement);

describe("an arm", () => {
  it("is dropped with a reason, after it was said that only its visitors move", async () => {
    const closed = ask({ what: "drop", arm: "bold" });
    expect(screen.getByRole("dialog", { name: "Stop showing “Bold”?" }).textContent).toContain(
      "Only its 1,919 visitors move: they see the control from now on.",
    );
    write("Why?", "  It is too loud ");
    submit();
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    expect(appliance.asked).toEqual([
      { what: `POST ${PLACE}/arms/bold/drop${OF}`, body: { reason: "It is too loud" } },
    ]);
  });

  it("is brought back, without a reason too", async () => {
    const closed = ask({ what: "restore", arm: "calm" });
    fireEvent.click(screen.getByRole("button", { name: "Bring it back" }));
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    expect(appliance.asked).toEqual([{ what: `POST ${PLACE}/arms/calm/restore${OF}`, body: { reason: "" } }]);
  });

  it("that cannot be dropped stays, and the appliance says why", async () => {
    appliance.answer = [
      409,
      { detail: "bold was dropped already.", code: "conflict", hint: "Bring it back." },
    ];
    const closed = ask({ what: "drop", arm: "bold" });
    submit();
    const said = await screen.findByRole("alert");
    expect(said.textContent).toBe("It is still shown. bold was dropped already.Bring it back.");
    expect(closed).not.toHaveBeenCalled();
  });
});

describe("another variant", () => {
  it("is added with what was written down", async () => {
    const closed = ask({ what: "add" });
    write("What do visitors get?", "Bold");
    write("Why?", "One more idea");
    submit();
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    const body = { key: "bold-2", name: "Bold", payload: null, reason: "One more idea" };
    expect(appliance.asked).toEqual([{ what: `POST ${PLACE}/arms${OF}`, body }]);
  });

  it("without a name is not asked for", () => {
    ask({ what: "add" });
    submit();
    expect(screen.getByRole("alert").textContent).toBe("Say what visitors get.");
    expect(screen.getByLabelText("What do visitors get?").getAttribute("aria-invalid")).toBe("true");
    expect(appliance.asked).toEqual([]);
  });

  it("that is refused says so at its place", async () => {
    appliance.answer = [
      409,
      { detail: "The experiment has an arm new already.", code: "conflict", field: "key" },
    ];
    const closed = ask({ what: "add" });
    write("What do visitors get?", "New");
    submit();
    expect((await screen.findByRole("alert")).textContent).toBe("The experiment has an arm new already.");
    expect(screen.getByLabelText("Key").getAttribute("aria-invalid")).toBe("true");
    expect(closed).not.toHaveBeenCalled();
  });

  it("that finds no appliance says that", async () => {
    appliance.answer = [500, { detail: "Something broke.", code: "internal" }];
    ask({ what: "add" });
    write("What do visitors get?", "New");
    submit();
    expect((await screen.findByRole("alert")).textContent).toBe("It was not added. Something broke.");
  });
});

describe("the mode", () => {
  it("is changed to another one of the three", async () => {
    const closed = ask({ what: "mode" });
    expect(screen.getAllByRole("radio").map((radio) => (radio as HTMLInputElement).checked)).toEqual([
      false,
      true,
      false,
    ]);
    expect(screen.getByRole("button", { name: "Stay with Balanced" })).toHaveProperty("disabled", true);
    fireEvent.click(screen.getByRole("radio", { name: /^Earn/ }));
    fireEvent.click(screen.getByRole("button", { name: "Change to Earn" }));
    await waitFor(() => expect(closed).toHaveBeenCalledOnce());
    expect(appliance.asked).toEqual([{ what: `PATCH ${PLACE}${OF}`, body: { mode: "earn" } }]);
  });
});
