package io.gantry.itest.framework.forecast.service;

/** A service that modules offer each other. */
public interface Measure {}
