package io.gantry.itest.framework.forecast.module;

import io.gantry.itest.framework.forecast.service.Measure;

/** Offers a service and needs none. */
public final class Source implements Measure {}
