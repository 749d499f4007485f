package io.gantry.itest.walls;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.gantry.itest.distribution.Folder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Within a bundle, packages depend downwards only. */
class PackageCycleTest {

  static Stream<Path> ours() {
    Path built = Folder.built();
    List<Path> jars = new ArrayList<>(Folder.systemJars());
    jars.addAll(Folder.jars(built.resolve("lib")));
    jars.addAll(Folder.jars(built.resolve("repository")));
    return jars.stream().filter(jar -> jar.getFileName().toString().startsWith("io.gantry."));
  }

  @ParameterizedTest
  @MethodSource("ours")
  void packagesOfABundleHaveNoCycle(Path jar) {
    JavaClasses classes = new ClassFileImporter().importPath(jar);

    slices()
        .assignedFrom(new EachPackage())
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(classes);
  }

  /** Every package of ours is a slice; what is embedded in a bundle is none of our business. */
  private static final class EachPackage implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return type.getPackageName().startsWith("io.gantry.")
          ? SliceIdentifier.of(type.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "each package";
    }
  }
}
