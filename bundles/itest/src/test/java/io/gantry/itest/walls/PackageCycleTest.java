package io.gantry.itest.walls;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.gantry.itest.distribution.Folder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
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
  void packagesOfABundleHaveNoCycle(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      JavaClasses classes = new ClassFileImporter().importJar(file);

      slices().assignedFrom(new EachPackage()).should().beFreeOfCycles().check(classes);
    }
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
