import { Component, type ReactNode } from "react";
import { Button } from "./Button";
import { Notice } from "./Notice";
import { Page } from "./Page";

/** Where a page fails of itself, this stands in its place, and the way to the others stays. */
export class Broken extends Component<{ where: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: { where: string }) {
    if (this.state.failed && before.where !== this.props.where) this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Page title="Something broke">
        <Notice tone="harm">
          This page failed, which is a fault of ours. Your data is untouched: loading the page anew usually
          helps.
        </Notice>
        <div>
          <Button kind="primary" onClick={() => location.reload()}>
            Load the page anew
          </Button>
        </div>
      </Page>
    );
  }
}
