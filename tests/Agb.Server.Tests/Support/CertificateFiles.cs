using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Agb.Server;

namespace Agb.Server.Tests.Support;

/// <summary>A certificate of its own for localhost, in files that go with it.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-tls-").FullName;
    private readonly X509Certificate2 _certificate;

    internal CertificateFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        _certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    internal string Thumbprint => _certificate.Thumbprint;

    private string CertificateFile => _directory + "/cert.pem";

    private string KeyFile => _directory + "/key.pem";

    /// <summary>Has a server use it.</summary>
    /// <param name="options">The server's options.</param>
    /// <param name="urls">Where it listens.</param>
    internal ServerOptions On(ServerOptions options, string urls) =>
        options with { Listen = ListenAddress.ParseAll(urls), CertificateFile = CertificateFile, CertificateKeyFile = KeyFile };

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
