Feature: A guest takes care of everything by phone
  What guests do at the reception they can do from the telephone, in their own words; what cannot be taken back is asked first.

  Scenario: A guest checks in on the way to the hotel
    Given a guest who arrives today calls
    When the guest asks to check in
    Then the guest is asked "Shall I check you in now?"
    And the stay has not changed
    When the guest agrees to check in
    Then the guest hears "You are checked in. Your room is 101. Have a pleasant stay."
    And the stay was changed by "assignAnyUnit, checkIn"

  Scenario: A guest who owes nothing checks out
    Given a guest who leaves today calls
    When the guest asks what is left to pay
    Then the guest hears "Nothing is open on your bill."
    When the guest agrees to check out
    Then the guest hears "You are checked out. We wish you a safe journey."
    And the stay was changed by "checkOut"

  Scenario: A guest in the house stays longer
    Given a guest in the house calls
    When the guest asks to stay 3 nights longer
    Then the hotel has the later departure

  Scenario: A guest agrees to a recording, and then does not any more
    Given a guest in the house calls
    When the guest is asked whether the call may be recorded
    Then the guest hears "May I record this call, so that my colleagues can listen to it later?"
    And nothing is recorded
    When the guest agrees to the recording
    Then the guest hears "Thank you. This call is being recorded from now on."
    And the call is being recorded
    When the guest refuses the recording
    Then the guest hears "Very well. This call is not being recorded."
    And the recording is stopped

  Scenario: A guest orders a wake-up call in plain words
    Given a guest in the house calls
    When the guest says "Please wake me at half past six"
    Then the service understood the time "06:30"
    And a wake-up call to the guest is scheduled for "06:30"

  Scenario: A guest asks for a human, and nobody is free
    Given a guest in the house calls
    And the colleagues' line is busy
    When the guest asks for a human
    Then the guest hears "One moment, I am connecting you."
    And the guest is told that the line is busy
    And the guest can go on speaking
