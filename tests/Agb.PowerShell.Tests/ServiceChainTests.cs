using Agb.PowerShell.TestService;

namespace Agb.PowerShell.Tests;

/// <summary>The service of a chain of cmdlets.</summary>
public sealed class ServiceChainTests(ModuleRunspace module) : CmdletTest(module)
{
    private readonly MemoryService _second = new();

    [Fact]
    public void Objects_keep_their_service_so_that_two_are_used_side_by_side()
    {
        foreach (var service in new[] { Service, _second })
        {
            Set("connection", new AgbConnection(service));
            var chain = Run("""
                $context = New-AgbContext store -Connection $connection
                $sync = $context | New-AgbContextSync -Path /home/data
                $session = New-AgbSession -ContextSync $sync
                $result = $session | Invoke-AgbCommand 'echo a'
                $status = $result | Sync-AgbContext
                $context, $sync, $session, $result, $status
                $status | Get-AgbSession
                Get-AgbImage *code* -Connection $connection | New-AgbSession
                """);

            chain.Length.ShouldBe(7);
            chain.ShouldAllBe(o => ReferenceEquals(o.Properties["Service"].Value, service));
        }
    }

    [Fact]
    public void A_connection_goes_before_the_service_of_an_object()
    {
        Set("second", new AgbConnection(_second));

        ErrorIdOf("New-AgbContext store -Connection $connection | Get-AgbContext -Connection $second").ShouldBe(AgbErrorIds.ContextNotFound);
    }

    [Fact]
    public void An_API_key_of_the_environment_selects_another_service()
    {
        using var key = new EnvironmentValue("AGB_API_KEY", "akm-secret");
        using var endpoint = new EnvironmentValue("AGB_ENDPOINT", "http://127.0.0.1:1");

        var record = ErrorOf("Get-AgbContext");

        IdOf(record).ShouldBe(AgbErrorIds.ConnectionFailed);
        $"{record} {record.ErrorDetails.RecommendedAction} {record.Exception}".ShouldNotContain("akm-secret");
        Texts("(Connect-Agb).Name; (Connect-Agb).HomeDirectory; (Connect-Agb -Endpoint https://example.invalid).Name")
            .ShouldBe(["http://127.0.0.1:1", "", "https://example.invalid"]);
    }

    [Fact]
    public void An_API_key_is_read_from_the_env_file_of_the_location()
    {
        Run("Set-Content .env 'AGB_API_KEY=akm-secret', 'AGB_ENDPOINT=http://127.0.0.1:2'");

        Texts("(Connect-Agb).Name").ShouldBe(["http://127.0.0.1:2"]);
    }

    [Fact]
    public void An_endpoint_needs_a_key_and_shows_none()
    {
        ErrorIdOf("Connect-Agb -Endpoint https://example.invalid").ShouldBe(AgbErrorIds.AuthenticationFailed);
        Texts("""
            $connection = Connect-Agb -Endpoint https://example.invalid -ApiKey akm-secret
            "$connection $($connection | Format-List | Out-String)"
            """).ShouldHaveSingleItem().ShouldNotContain("akm-secret");
    }

    [Fact]
    public void A_tested_connection_fails_at_once() =>
        ErrorIdOf("Connect-Agb -Endpoint http://127.0.0.1:1 -ApiKey akm-x -TimeoutSeconds 1 -Test").ShouldBe(AgbErrorIds.ConnectionFailed);
}
