// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.codehaus.mojo.animal_sniffer.SignatureBuilder;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.PrintWriterLogger;

/**
 * Prints what jars refer to that neither a platform nor these jars nor other libraries have.
 *
 * Usage: PLATFORM.signature JAR... -- LIBRARY...
 */
class CheckApi {
    public static void main(String[] arguments) throws Exception {
        PrintWriterLogger logger = new PrintWriterLogger(System.out);
        List<String> given = List.of(arguments);
        File[] jars = files(given.subList(1, given.indexOf("--")));
        File[] libraries = files(given.subList(given.indexOf("--") + 1, given.size()));
        ByteArrayOutputStream known = new ByteArrayOutputStream();
        try (InputStream platform = new FileInputStream(arguments[0])) {
            SignatureBuilder builder = new SignatureBuilder(new InputStream[] {platform}, known, logger);
            for (File jar : jars) {
                builder.process(jar);
            }
            for (File library : libraries) {
                builder.process(library);
            }
            builder.close();
        }
        SignatureChecker checker =
            new SignatureChecker(new ByteArrayInputStream(known.toByteArray()), Set.of(), logger);
        checker.setSourcePath(List.of());
        checker.setCheckJars(true);
        checker.process(jars);
    }

    private static File[] files(List<String> paths) {
        return paths.stream().map(File::new).toArray(File[]::new);
    }
}
