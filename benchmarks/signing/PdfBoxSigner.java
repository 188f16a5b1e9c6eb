import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collections;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureInterface;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * Signs a PDF with Apache PDFBox 2, Bouncy Castle and a PKCS#11 key, as often as it is asked.
 *
 * <p>Arguments: the configuration of SunPKCS11, and the empty signature field. Lines in: the PIN; then, separated by
 * tabs, the PDF, the beginning of the names of the signed files, and how many. Lines out: "ready"; then the milliseconds
 * of each signature, from the bytes of the PDF to the bytes of the signed one.
 */
public final class PdfBoxSigner implements SignatureInterface {
    private final X509Certificate certificate;
    private final Certificate[] chain;
    private final ContentSigner signer;
    private final String field;

    private PdfBoxSigner(KeyStore store, Provider provider, String field) throws Exception {
        String alias = null;
        for (String one : Collections.list(store.aliases())) {
            alias = store.isKeyEntry(one) ? one : alias;
        }
        this.certificate = (X509Certificate) store.getCertificate(alias);
        this.chain = store.getCertificateChain(alias);
        PrivateKey key = (PrivateKey) store.getKey(alias, null);
        this.signer = new JcaContentSignerBuilder("SHA256withRSA").setProvider(provider).build(key);
        this.field = field;
    }

    @Override
    public byte[] sign(InputStream content) throws IOException {
        try {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(
                    new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                            .build(signer, certificate));
            generator.addCertificates(new JcaCertStore(Arrays.asList(chain)));
            return generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
        } catch (Exception problem) {
            throw new IOException(problem);
        }
    }

    private byte[] signed(byte[] pdf) throws IOException {
        try (PDDocument document = PDDocument.load(pdf)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
            signature.setSignDate(Calendar.getInstance());
            PDSignatureField empty =
                    (PDSignatureField) document.getDocumentCatalog().getAcroForm().getField(field);
            empty.getCOSObject().setItem(COSName.V, signature);
            document.addSignature(signature, this);
            ByteArrayOutputStream out = new ByteArrayOutputStream(pdf.length + (1 << 16));
            document.saveIncremental(out);
            return out.toByteArray();
        }
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        Provider provider = Security.getProvider("SunPKCS11").configure(arguments[0]);
        Security.addProvider(provider);
        KeyStore store = KeyStore.getInstance("PKCS11", provider);
        store.load(null, lines.readLine().toCharArray());
        PdfBoxSigner signer = new PdfBoxSigner(store, provider, arguments[1]);
        System.out.println("ready");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] asked = line.split("\t");
            byte[] pdf = Files.readAllBytes(Path.of(asked[0]));
            for (int number = 0; number < Integer.parseInt(asked[2]); number++) {
                long begun = System.nanoTime();
                byte[] made = signer.signed(pdf);
                double milliseconds = (System.nanoTime() - begun) / 1e6;
                Files.write(Path.of(asked[1] + "-" + number + ".pdf"), made);
                System.out.println(milliseconds);
            }
        }
    }
}
