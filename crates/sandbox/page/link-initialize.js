// A stand-in for Plaid's web SDK, with the part of its interface that applications use:
// Plaid.create({token, onSuccess, onExit, onEvent, onLoad, receivedRedirectUri}) gives {open, exit, destroy, submit}.
(function () {
  "use strict";
  // Where the stand-in is, by whatever address the page asked for this script.
  const home = "{{home}}";
  const or = (value) => (value === undefined || value === "" ? null : value);
  const institution = (fields) =>
    or(fields.institution_id) && { name: fields.institution_name, institution_id: fields.institution_id };

  function success(fields) {
    const accounts = JSON.parse(fields.accounts).map((account) => ({
      id: account._id,
      name: account.meta.name,
      mask: account.meta.number,
      type: account.type,
      subtype: account.subtype,
      verification_status: account.verification_status,
      class_type: account.class_type,
    }));
    return { institution: institution(fields), accounts, link_session_id: fields.link_session_id };
  }

  function failure(fields) {
    if (!or(fields.error_code)) return null;
    return {
      error_type: fields.error_type,
      error_code: fields.error_code,
      error_message: fields.error_message,
      display_message: or(fields.display_message),
    };
  }

  function create(config) {
    if (!config || !config.token) throw new Error("Plaid.create needs a token");
    let frame = null;
    let before = null;
    const address = new URL("/link/v2/stable/link.html", home);
    address.searchParams.set("isWebview", "false");
    address.searchParams.set("token", config.token);
    address.searchParams.set("hostOrigin", location.origin);
    if (config.receivedRedirectUri) address.searchParams.set("receivedRedirectUri", config.receivedRedirectUri);

    function close() {
      if (frame) frame.remove();
      frame = null;
      if (before) before.focus();
    }

    function hear(message) {
      if (!frame || message.source !== frame.contentWindow || message.origin !== home) return;
      const { standIn, kind, fields, url } = message.data || {};
      if (standIn !== "plaid-link") return;
      if (kind === "leave") location.assign(url);
      if (kind === "event" && config.onEvent) {
        const { event_name, ...rest } = fields;
        const names = [
          "error_code", "error_message", "error_type", "exit_status", "institution_id", "institution_name",
          "institution_search_query", "is_update_mode", "match_reason", "mfa_type", "view_name", "selection",
          "timestamp", "link_session_id", "request_id", "account_number_mask", "routing_number",
        ];
        config.onEvent(event_name, Object.fromEntries(names.map((name) => [name, or(rest[name])])));
      }
      if (kind === "connected") {
        close();
        if (config.onSuccess) config.onSuccess(fields.public_token, success(fields));
      }
      if (kind === "exit") {
        close();
        const metadata = {
          institution: institution(fields),
          status: or(fields.status),
          link_session_id: fields.link_session_id,
          request_id: or(fields.request_id),
        };
        if (config.onExit) config.onExit(failure(fields), metadata);
      }
    }

    addEventListener("message", hear);
    if (config.onLoad) setTimeout(config.onLoad);
    return {
      open() {
        if (frame) return;
        before = document.activeElement;
        frame = document.createElement("iframe");
        frame.title = "Link a bank (stand-in)";
        frame.src = address;
        frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0;z-index:2147483647";
        document.body.append(frame);
        frame.focus();
      },
      // By force it closes at once; otherwise Link says how far the person had come.
      exit(options) {
        if (!frame) return;
        if (!options || !options.force) return frame.contentWindow.postMessage("plaid-link-exit", home);
        close();
        if (config.onExit) config.onExit(null, {});
      },
      submit() {},
      destroy() {
        close();
        removeEventListener("message", hear);
      },
    };
  }

  window.Plaid = { create };
})();
