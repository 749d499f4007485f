package io.gantry.agent.manifest;

/** What reading a manifest gives. */
public sealed interface ParsedManifest permits Deployment, Rejected {}
