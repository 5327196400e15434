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

/** Prints what a jar refers to that neither a platform nor the libraries have. Usage: PLATFORM.signature JAR LIBRARY... */
class CheckApi {
    public static void main(String[] arguments) throws Exception {
        PrintWriterLogger logger = new PrintWriterLogger(System.out);
        ByteArrayOutputStream known = new ByteArrayOutputStream();
        try (InputStream platform = new FileInputStream(arguments[0])) {
            SignatureBuilder builder = new SignatureBuilder(new InputStream[] {platform}, known, logger);
            for (String jar : List.of(arguments).subList(1, arguments.length)) {
                builder.process(new File(jar));
            }
            builder.close();
        }
        SignatureChecker checker =
            new SignatureChecker(new ByteArrayInputStream(known.toByteArray()), Set.of(), logger);
        checker.setSourcePath(List.of());
        checker.setCheckJars(true);
        checker.process(new File(arguments[1]));
    }
}
