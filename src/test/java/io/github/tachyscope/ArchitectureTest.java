package io.github.tachyscope;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The layers of the house, as the package comment of the root draws them. */
class ArchitectureTest {
    private static final String ROOT = "io.github.tachyscope.";
    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.github.tachyscope");
    }

    @Test
    void dependenciesPointDownOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("app")
                .definedBy(ROOT + "app..")
                .layer("api")
                .definedBy(ROOT + "api..")
                .layer("session")
                .definedBy(ROOT + "session..")
                .layer("flow")
                .definedBy(ROOT + "flow..")
                .layer("schedule")
                .definedBy(ROOT + "schedule..")
                .layer("exec")
                .definedBy(ROOT + "exec..")
                .layer("diffusion")
                .definedBy(ROOT + "diffusion..")
                .layer("media")
                .definedBy(ROOT + "media..")
                .layer("rtc")
                .definedBy(ROOT + "rtc..")
                .layer("store")
                .definedBy(ROOT + "store..")
                .layer("fetch")
                .definedBy(ROOT + "fetch..")
                .layer("download")
                .definedBy(ROOT + "download..")
                .layer("leaves")
                .definedBy(ROOT + "tensor..", ROOT + "frame..", ROOT + "wire..", ROOT + "config..", ROOT + "metrics..")
                .whereLayer("app")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("api")
                .mayOnlyBeAccessedByLayers("app")
                .whereLayer("session")
                .mayOnlyBeAccessedByLayers("app", "api")
                .whereLayer("flow")
                .mayOnlyBeAccessedByLayers("app", "api", "session")
                .whereLayer("schedule")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow")
                .whereLayer("exec")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow", "schedule")
                .whereLayer("diffusion")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow", "schedule", "exec")
                .whereLayer("media")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow", "schedule", "exec")
                .whereLayer("rtc")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow", "schedule", "exec")
                .whereLayer("store")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow", "download", "schedule", "exec")
                .whereLayer("fetch")
                .mayOnlyBeAccessedByLayers("app", "api", "session", "flow", "download", "schedule", "exec")
                .whereLayer("download")
                .mayOnlyBeAccessedByLayers("app", "api", "session")
                .check(classes);
    }

    @Test
    void leavesDoNotKnowEachOther() {
        slices().matching(ROOT + "(tensor|frame|wire|config|metrics)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void nativeAndNetworkLibrariesAreFenced() {
        onlyIn("org.bytedeco.ffmpeg..", "media..");
        onlyIn("org.bytedeco.pytorch..", "tensor..", "diffusion..");
        onlyIn("org.ice4j..", "rtc.ice..");
        onlyIn("org.jitsi.srtp..", "rtc.srtp..");
        onlyIn("org.bouncycastle..", "rtc.dtls..");
        onlyIn("java.sql..", "store..");
        onlyIn("javax.sql..", "store..");
        onlyIn("com.zaxxer.hikari..", "store..");
        onlyIn("org.jdbi..", "store..");
        onlyIn("org.flywaydb..", "store..");
        onlyIn("org.h2..", "store..");
        onlyIn("org.postgresql..", "store..");
        // The benchmarks of app are clients of a server of their own.
        onlyIn("java.net.http..", "fetch..", "app..");
        onlyIn("org.apache.pekko.http..", "api..", "app..");
    }

    private static void onlyIn(String library, String... packages) {
        String[] full = new String[packages.length];
        for (int i = 0; i < packages.length; i++) {
            full[i] = ROOT + packages[i];
        }
        noClasses()
                .that(not(resideInAnyPackage(full)))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .allowEmptyShould(true)
                .check(classes);
    }
}
