using System.Threading.Channels;

namespace Agb.Conformance.Code;

/// <summary>A test that runs code in sessions. One of a language that the sessions lack is skipped.</summary>
public abstract class CodeTest(ServiceFixture fixture) : ServiceTest(fixture)
{
    /// <summary>Runs code, whatever its outcome.</summary>
    protected async Task<AgbCodeResult> CodeAsync(
        AgbSession session, AgbCodeLanguage language, string code, TimeSpan? timeout = null, ChannelWriter<AgbCodeEvent>? events = null)
    {
        try
        {
            var request = new AgbCodeRequest
            {
                Code = code, Language = language, Timeout = timeout ?? AgbCodeRequest.DefaultTimeout, Events = events,
            };
            return await Service.RunCodeAsync(session.SessionId, request, Token);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.LanguageNotFound)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    /// <summary>Runs code that must succeed.</summary>
    protected async Task<AgbCodeResult> SucceedsAsync(AgbSession session, AgbCodeLanguage language, string code)
    {
        var result = await CodeAsync(session, language, code);
        result.Success.ShouldBeTrue(result.Error);
        (result.SessionId, result.Language).ShouldBe((session.SessionId, language));
        return result;
    }

    /// <summary>The plain text of the value of the last expression.</summary>
    protected static string Main(AgbCodeResult result) => result.Results.Single(r => r.IsMainResult).Text;
}
