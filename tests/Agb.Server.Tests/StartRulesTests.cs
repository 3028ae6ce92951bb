using Agb.Server;

namespace Agb.Server.Tests;

public sealed class StartRulesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-rules-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Without_any_key_a_server_does_not_start()
    {
        var error = Should.Throw<AgbException>(() => Require(o => o with { FixedApiKey = null }));

        error.ErrorId.ShouldBe(AgbErrorIds.AuthenticationFailed);
        error.Remedy!.ShouldContain("keys add");
    }

    [Fact]
    public void With_a_key_in_the_file_it_does()
    {
        new ApiKeyFile(_directory).Add("a", null, DateTimeOffset.UnixEpoch);

        Should.NotThrow(() => Require(o => o with { FixedApiKey = null }));
    }

    [Theory]
    [InlineData("http://0.0.0.0:8765")]
    [InlineData("http://*:8765")]
    [InlineData("http://192.0.2.1:8765")]
    [InlineData("http://[::]:8765")]
    [InlineData("http://127.0.0.1:1;http://0.0.0.0:2")]
    public void Keys_do_not_cross_a_network_unencrypted_unless_it_is_said(string urls)
    {
        Should.Throw<AgbException>(() => Require(o => o with { Listen = ListenAddress.ParseAll(urls) })).Remedy!.ShouldContain("--insecure");
        Should.NotThrow(() => Require(o => o with { Listen = ListenAddress.ParseAll(urls), IsInsecure = true }));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8765")]
    [InlineData("http://localhost:8765/")]
    [InlineData("http://[::1]:8765")]
    [InlineData("http://127.1.2.3:0")]
    public void Loopback_needs_no_encryption(string urls) => Should.NotThrow(() => Require(o => o with { Listen = ListenAddress.ParseAll(urls) }));

    [Fact]
    public void Encryption_needs_a_certificate() => Should.Throw<AgbException>(
        () => Require(o => o with { Listen = ListenAddress.ParseAll("https://0.0.0.0:8443") })).Remedy!.ShouldContain("--certificate");

    [Fact]
    public void A_short_key_is_refused() => Should.Throw<AgbException>(() => Require(o => o with { FixedApiKey = "short" }));

    [Theory]
    [InlineData("/usr/share/agb")]
    [InlineData("/opt/agb")]
    [InlineData("/etc")]
    public void The_data_does_not_lie_where_sessions_see_it(string directory) => Should.Throw<AgbException>(
        () => Require(o => o with { DataDirectory = directory })).ErrorId.ShouldBe(AgbErrorIds.ReservedPath);

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:8765")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://127.0.0.1:8765/path")]
    [InlineData("http://example.com:80")]
    [InlineData("http://127.0.0.1:99999")]
    public void What_is_no_address_is_refused(string urls) =>
        Should.Throw<AgbException>(() => ListenAddress.ParseAll(urls)).ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);

    private void Require(Func<ServerOptions, ServerOptions> change) => StartRules.Require(
        change(new ServerOptions { DataDirectory = _directory, Listen = ListenAddress.ParseAll("http://127.0.0.1:0"), FixedApiKey = "long-enough" }),
        new ApiKeyFile(_directory));
}
