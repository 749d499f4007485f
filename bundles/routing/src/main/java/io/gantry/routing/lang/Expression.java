package io.gantry.routing.lang;

import java.util.List;

/** A condition as written; {@code column} says where, counted from 1. */
public sealed interface Expression {

  /** Where it begins, counted from 1. */
  int column();

  /** A literal text. */
  record Text(String value, int column) implements Expression {}

  /** A literal number. */
  record Number(double value, int column) implements Expression {}

  /** {@code true} or {@code false}. */
  record Bool(boolean value, int column) implements Expression {}

  /** {@code null}. */
  record Null(int column) implements Expression {}

  /** {@code undefined}. */
  record Undefined(int column) implements Expression {}

  /** An application property. */
  record Property(String name, int column) implements Expression {}

  /**
   * A system property.
   *
   * @param name without the dollar sign
   * @param only whether an application property of that name, dollar included, is passed over
   */
  record SystemProperty(String name, boolean only, int column) implements Expression {}

  /**
   * A value in the JSON body.
   *
   * @param path names (String) and indexes (Integer)
   */
  record Body(List<Object> path, int column) implements Expression {}

  /** A function call. */
  record Call(String function, List<Expression> arguments, int column) implements Expression {}

  /** {@code NOT} or {@code -}. */
  record Unary(String operator, Expression operand, int column) implements Expression {}

  /** An operator between two. */
  record Binary(String operator, Expression left, Expression right, int column)
      implements Expression {}
}
