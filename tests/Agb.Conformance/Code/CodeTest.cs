using System.Threading.Channels;

namespace Agb.Conformance.Code;

/// <summary>Base class for tests of code in sessions. A test is skipped if the sessions lack its language.</summary>
public abstract class CodeTest : ServiceTest
{
    /// <summary>Runs code, successful or not.</summary>
    protected async Task<AgbCodeResult> CodeAsync(
        AgbSession session, AgbCodeLanguage language, string code, TimeSpan? timeout = null, ChannelWriter<AgbCodeEvent>? events = null)
    {
        try
        {
            var request = new AgbCodeRequest
            {
                Code = code, Language = language, Timeout = timeout ?? AgbCodeRequest.DefaultTimeout, Events = events,
            };
            return await Service.RunCodeAsync(session, request, Token);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.LanguageNotFound)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    /// <summary>Runs code and requires success.</summary>
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
